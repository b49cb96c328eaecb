/** A point on the globe, in degrees. */
export interface Place {
  /** Latitude, north of the equator above 0. */
  readonly lat: number;
  /** Longitude, east of Greenwich above 0. */
  readonly lon: number;
}

/**
 * Latitude, longitude, and the codes that AWS, Azure and Google Cloud have for regions there. Providers name cities or counties, not
 * houses: a hundred kilometres are a millisecond and a half.
 */
const TABLE = `
38.95 -77.45 us-east-1 us-east4 eastus eastus2
39.96 -83 us-east-2 us-east5
33.2 -80.01 us-east1
41.26 -95.86 us-central1
41.59 -93.62 centralus
41.88 -87.63 northcentralus
29.42 -98.49 southcentralus
32.78 -96.8 us-south1
41.14 -104.82 westcentralus
40.76 -111.89 us-west3
33.45 -112.07 westus3
36.17 -115.14 us-west4
34.05 -118.24 us-west2
37.35 -121.96 us-west-1 westus
45.84 -119.7 us-west-2
45.59 -121.18 us-west1
47.23 -119.85 westus2
45.5 -73.57 ca-central-1 northamerica-northeast1
46.81 -71.21 canadaeast
43.65 -79.38 canadacentral northamerica-northeast2
51.05 -114.07 ca-west-1
20.59 -100.39 mx-central-1 mexicocentral northamerica-south1
-23.55 -46.63 sa-east-1 brazilsouth southamerica-east1
-33.45 -70.67 southamerica-west1
53.35 -6.26 eu-west-1 northeurope
51.51 -0.13 eu-west-2 uksouth europe-west2
51.48 -3.18 ukwest
48.86 2.35 eu-west-3 francecentral europe-west9
50.45 3.82 europe-west1
52.37 4.9 westeurope
53.43 6.84 europe-west4
50.11 8.68 eu-central-1 germanywestcentral europe-west3
52.52 13.4 europe-west10
47.37 8.54 eu-central-2 switzerlandnorth europe-west6
45.46 9.19 eu-south-1 italynorth europe-west8
45.07 7.69 europe-west12
41.65 -0.88 eu-south-2
40.42 -3.7 spaincentral europe-southwest1
52.23 21.01 polandcentral europe-central2
59.33 18.07 eu-north-1 europe-north2
60.67 17.14 swedencentral
59.91 10.75 norwayeast
60.57 27.2 europe-north1
-33.92 18.42 af-south-1
-26.2 28.05 southafricanorth africa-south1
26.07 50.55 me-south-1
25.2 55.27 me-central-1 uaenorth
25.29 51.53 qatarcentral me-central1
26.42 50.09 me-central2
32.09 34.78 il-central-1 israelcentral me-west1
19.08 72.88 ap-south-1 westindia asia-south1
18.52 73.86 centralindia
17.39 78.49 ap-south-2
13.08 80.27 southindia
28.61 77.21 asia-south2
1.35 103.82 ap-southeast-1 southeastasia asia-southeast1
3.14 101.69 ap-southeast-5 malaysiawest
13.76 100.5 ap-southeast-7
-6.21 106.85 ap-southeast-3 indonesiacentral asia-southeast2
22.32 114.17 ap-east-1 eastasia asia-east2
25.03 121.57 ap-east-2
24.05 120.52 asia-east1
35.68 139.69 ap-northeast-1 japaneast asia-northeast1
34.69 135.5 ap-northeast-3 japanwest asia-northeast2
37.57 126.98 ap-northeast-2 koreacentral asia-northeast3
35.18 129.08 koreasouth
-33.87 151.21 ap-southeast-2 australiaeast australia-southeast1
-37.81 144.96 ap-southeast-4 australiasoutheast australia-southeast2
-36.85 174.76 newzealandnorth`;

/** Read with the first question: most programs never ask. */
let places: ReadonlyMap<string, Place> | undefined;

/** Where a region is, by its code as AWS, Azure or Google Cloud writes it; undefined for one that is not known. */
export function locate(code: string): Place | undefined {
  places ??= readTable();
  return places.get(code);
}

/** The codes of all regions whose place is known. */
export function regionCodes(): string[] {
  places ??= readTable();
  return [...places.keys()];
}

function readTable(): ReadonlyMap<string, Place> {
  const read = new Map<string, Place>();
  for (const line of TABLE.trim().split('\n')) {
    const [lat, lon, ...codes] = line.split(' ');
    const place = Object.freeze({ lat: Number(lat), lon: Number(lon) });
    for (const code of codes) read.set(code, place);
  }
  return read;
}
